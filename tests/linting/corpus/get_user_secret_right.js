// kind: get_user; expect: none
function getUser(email, callback) {
  // Names that sound secret but hold none.
  const PASSWORD_COLUMN = 'password_hash';
  const tokenPath = '/oauth/token';
  const secretName = 'user-directory-credentials';
  const request = require('request');
  request.post(
    { url: configuration.AUTH_URL + tokenPath, json: { client_id: configuration.CLIENT_ID, client_secret: configuration.CLIENT_SECRET, grant_type: 'password_realm' }, timeout: 4000 },
    (err, res, token) => {
      if (err) return callback(err);
      if (res.statusCode !== 200) return callback(new Error('No token for ' + secretName));
      request(
        { url: configuration.API_URL + '/users', qs: { email, omit: PASSWORD_COLUMN }, auth: { bearer: token.access_token }, json: true, timeout: 4000 },
        (err2, res2, body) => {
          if (err2) return callback(err2);
          if (res2.statusCode !== 200) return callback(null);
          callback(null, { user_id: 'dir|' + body.id, email: body.email });
        }
      );
    }
  );
}
