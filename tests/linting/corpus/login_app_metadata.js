// kind: login; expect: DB304
function login(email, password, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, {
      user_id: 'svc|' + body.id,
      email: body.email,
      app_metadata: { plan: body.plan, roles: body.roles },
      user_metadata: { theme: body.theme },
    });
  });
}
