// kind: login; expect: none
function login(email, password, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    const user = { id: body.id, email: body.email, name: body.name };
    callback(null, user);
  });
}
