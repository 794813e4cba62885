// better-sqlite3: synchronous calls, prepared once; a write-ahead log that is synced before a commit returns.
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';

const database = new Database(process.env.DATABASE);
database.pragma('journal_mode = wal');
database.pragma('synchronous = full');
database.exec(readFileSync(process.env.SEED, 'utf8'));

const statements = JSON.parse(readFileSync(process.env.STATEMENTS, 'utf8'));
const prepared = Object.fromEntries(
  Object.entries(statements).map(([name, sql]) => [name, database.prepare(sql.replace(/\$\d/g, '?'))]),
);

export const caller = (digest, now) => prepared.caller.get(digest, now);
export const profile = (id) => prepared.profile.get(id);
export const isMember = (team, customer) => prepared.is_member.get(team, customer);
export const members = (team) => prepared.members.all(team);
export const createTeam = (team, organization) =>
  prepared.create_team.run(team.team_id, organization, team.name, team.created_at);
export const verifyChannel = (team, priority, digest, now) =>
  prepared.verify_channel.run(now, team, priority, digest).changes === 1;
export const countMiss = (team, priority) => prepared.count_miss.run(team, priority);
