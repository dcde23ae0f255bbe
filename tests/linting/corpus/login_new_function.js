// kind: login; expect: DB409
function login(email, password, callback) {
  const request = require('request');
  const mapProfile = new Function('body', configuration.PROFILE_MAPPING);
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, mapProfile(body));
  });
}
