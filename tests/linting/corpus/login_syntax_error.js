// kind: login; expect: DB101
function login(usernameOrEmail, password, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL, json: { usernameOrEmail, password }, timeout: 5000 }, function (err, response, body) {
    if (err) return callback(err);
    if (response.statusCode !== 200 { return callback(new WrongUsernameOrPasswordError(usernameOrEmail)); }
    callback(null, { user_id: 'svc|' + body.id, email: body.email });
  });
}
