// kind: get_user; expect: none
function getUser(email, callback) {
  const crypto = require('crypto');
  const request = require('request');
  const requestId = crypto.randomUUID();
  const jitter = Math.floor(Math.random() * 100);
  request(
    { url: configuration.API_URL + '/users', qs: { email }, json: true, timeout: 5000 + jitter, headers: { 'x-request-id': requestId } },
    (err, res, body) => {
      if (err) return callback(err);
      if (res.statusCode !== 200) return callback(null);
      const id = crypto.createHash('sha256').update(String(body.legacyNumber)).digest('hex');
      callback(null, { user_id: 'v1|' + id, email: body.email });
    }
  );
}
