// kind: login; expect: DB302
function login(email, password, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    const profile = {};
    profile.user_id = 'svc|' + (body.seq || Date.now());
    profile.email = body.email;
    callback(null, profile);
  });
}
