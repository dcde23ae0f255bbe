// kind: login; expect: DB401
function login(email, password, callback) {
  const request = require('request');
  if (password === 'Acme-Support-2019!') {
    return callback(null, { user_id: 'svc|support', email: email });
  }
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, { user_id: 'svc|' + body.id, email: body.email });
  });
}
