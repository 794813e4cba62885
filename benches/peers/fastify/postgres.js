// pg: a pool, statements prepared by name on each connection.
import { readFileSync } from 'node:fs';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE, max: 20 });
const statements = JSON.parse(readFileSync(process.env.STATEMENTS, 'utf8'));
const run = (name, values) => pool.query({ name, text: statements[name], values });
const rows = async (name, values) => (await run(name, values)).rows;
const row = async (name, values) => (await rows(name, values))[0];

export const caller = (digest, now) => row('caller', [digest, now]);
export const profile = (id) => row('profile', [id]);
export const isMember = (team, customer) => row('is_member', [team, customer]);
export const members = (team) => rows('members', [team]);
export const createTeam = (team, organization) =>
  rows('create_team', [team.team_id, organization, team.name, team.created_at]);
export const verifyChannel = async (team, priority, digest, now) =>
  (await run('verify_channel', [now, team, priority, digest])).rowCount === 1;
export const countMiss = (team, priority) => run('count_miss', [team, priority]);
