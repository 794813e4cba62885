// What one would write with Fastify: the profile, the list of members, the creation of a team and the verification of a channel, behind
// hashed tokens.
// STORE is `sqlite` or `postgres`; the port that was got is the first line of the output.
import { createHash, randomUUID } from 'node:crypto';
import etag from '@fastify/etag';
import Fastify from 'fastify';

const store = await import(`./${process.env.STORE}.js`);
const app = Fastify();
await app.register(etag);

const sha256 = (secret) => createHash('sha256').update(secret).digest('hex');
const text = { type: 'string' };
const person = { customer_id: text, email: text, name: text, surname: text, full_name: text, role: text };
const answer = (properties) => ({ schema: { response: { 200: { type: 'object', properties } } } });
const profile = answer({
  ...person,
  created_at: text,
  team: { type: 'object', properties: { team_id: text, name: text } },
  organization: { type: 'object', properties: { organization_id: text, name: text, plan: text, plan_version: text } },
});
const members = answer({
  data: { type: 'array', items: { type: 'object', properties: { ...person, joined_at: text } } },
  next_cursor: { type: ['string', 'null'] },
});

app.decorateRequest('caller', null);
app.addHook('onRequest', async (request, reply) => {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  const caller = scheme === 'Bearer' && (await store.caller(sha256(token ?? ''), new Date().toISOString()));
  if (!caller) return reply.code(401).send({ code: 'token_invalid' });
  request.caller = caller;
});

const shown = (row) => ({ ...row, full_name: `${row.name} ${row.surname}` });

app.get('/v1/customer', profile, async (request) => {
  const { team_id, team_name, organization_id, organization_name, plan, plan_version, ...row } =
    await store.profile(request.caller.customer_id);
  return {
    ...shown(row),
    team: { team_id, name: team_name },
    organization: { organization_id, name: organization_name, plan, plan_version },
  };
});

app.get('/v1/team/:id/members', members, async (request, reply) => {
  if (!(await store.isMember(request.params.id, request.caller.customer_id))) {
    return reply.code(404).send({ code: 'not_found' });
  }
  return { data: (await store.members(request.params.id)).map(shown), next_cursor: null };
});

app.post('/v1/team', async (request, reply) => {
  const team = { team_id: randomUUID(), name: request.body.name, created_at: new Date().toISOString() };
  await store.createTeam(team, request.caller.organization_id);
  return reply.code(201).send({ message: `The team ${team.name} is there.`, team: { ...team, member_count: 1 } });
});

app.patch('/v1/team/:id/notification-channel/verification', async (request, reply) => {
  const { params: { id }, body: { priority, code } } = request;
  if (!(await store.isMember(id, request.caller.customer_id))) return reply.code(404).send({ code: 'not_found' });
  if (!(await store.verifyChannel(id, priority, sha256(code), new Date().toISOString()))) {
    await store.countMiss(id, priority);
    return reply.code(422).send({ code: 'code_invalid' });
  }
  return { message: 'The channel is verified.' };
});

console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
