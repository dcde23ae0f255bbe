// kind: login; expect: DB203
function login(usernameOrEmail, password, callback) {
  const request = require('request');
  function authenticate(done) {
    request.post({ url: configuration.API_URL, json: { usernameOrEmail, password }, timeout: 5000 }, function (err, res, body) {
      done(body);
    });
  }
  authenticate(function (body) {
    if (!body || !body.id) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    callback(null, { user_id: 'svc|' + body.id, email: body.email });
  });
}
