// kind: login; expect: DB308
function login(email, password, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, { user_id: 'svc|' + body.id, email: body.email, metadata: { legacy: { login: email, credential: password } } });
  });
}
