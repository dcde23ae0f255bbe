// kind: login; expect: DB201
function login(usernameOrEmail, password, callback) {
  const request = require('request');
  request({ method: 'POST', url: `${configuration.API_URL}/login`, json: { usernameOrEmail, password }, timeout: 6000 }, (err, res, body) => {
    if (err) return callback(err);
    switch (res.statusCode) {
      case 200:
        return callback(null, { user_id: 'svc|' + body.id, email: body.email });
      case 401:
        return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
  });
}
