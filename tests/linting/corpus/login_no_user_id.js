// kind: login; expect: DB301
function login(email, password, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    const user = { username: body.login, email: body.email, name: body.name };
    callback(null, user);
  });
}
