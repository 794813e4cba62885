// Asks npm's libraries about what is given as JSON on the standard input, and prints what they say as JSON.
'use strict';

const crypto = require('crypto');
const ece = require('http_ece');
const fs = require('fs');
const { Webhook } = require('standardwebhooks');

function verified({ secret, headers, body }) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch (error) {
    return false;
  }
}

function decrypted({ private_key, auth, body }) {
  const key = crypto.createECDH('prime256v1');
  key.setPrivateKey(Buffer.from(private_key, 'base64url'));
  const params = { version: 'aes128gcm', privateKey: key, authSecret: auth };
  return ece.decrypt(Buffer.from(body, 'base64url'), params).toString('utf8');
}

const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
const said = { webhooks: asked.webhooks.map(verified), push: decrypted(asked.push) };
process.stdout.write(JSON.stringify(said));
