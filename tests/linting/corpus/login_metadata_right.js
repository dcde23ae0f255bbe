// kind: login; expect: none
function login(email, password, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, {
      user_id: 'svc|' + body.id,
      email: body.email,
      metadata: { plan: body.plan, roles: body.roles, 'http://acme.com/claims/tier': body.tier },
      user_metadata: { theme: body.theme, passwordChangedAt: body.passwordChangedAt },
    });
  });
}
