// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const request = require('request');
  if (!password || password.length > 128 || password === usernameOrEmail) {
    return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
  }
  console.log('login attempt', { hasPassword: Boolean(password), passwordLength: password.length });
  request.post({ url: configuration.API_URL + '/login', json: { usernameOrEmail, password }, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    callback(null, { user_id: 'svc|' + body.id, email: body.email });
  });
}
