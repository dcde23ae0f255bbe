// kind: login; expect: DB409
function login(email, password, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL + '/login', form: { email, password }, timeout: 5000 }, (err, response, body) => {
    if (err) return callback(err);
    if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
    const user = eval('(' + body + ')');
    callback(null, { user_id: 'svc|' + user.id, email: user.email });
  });
}
