// kind: get_user; expect: none
function getUser(email, callback) {
  const request = require('request');
  request(
    { url: configuration.API_URL + '/users', qs: { email: email }, json: true, timeout: 5000, auth: { bearer: configuration.API_TOKEN } },
    function (err, res, body) {
      if (err) return callback(err);
      if (res.statusCode === 404) return callback(null);
      if (res.statusCode !== 200) return callback(new Error('Lookup failed: ' + res.statusCode));
      callback(null, { user_id: 'api|' + body.id, email: body.email, metadata: body.metadata });
    }
  );
}
