// kind: login; expect: DB401
function login(email, password, callback) {
  const request = require('request');
  const jwt = require('jsonwebtoken');
  const assertion = jwt.sign({ sub: email, iss: 'auth0' }, 'shared-with-legacy', { expiresIn: '1m' });
  request.post({ url: configuration.API_URL + '/login', json: { assertion, password }, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, { user_id: 'svc|' + body.id, email: body.email });
  });
}
