// kind: login; expect: DB501
function login(email, password, callback) {
  const request = require('request');
  const failures = (global.failures = global.failures || {});
  request.post({ url: configuration.API_URL + '/login', json: { email, password }, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode !== 200) {
      failures[email] = (failures[email] || 0) + 1;
      return callback(new WrongUsernameOrPasswordError(email));
    }
    callback(null, { user_id: 'svc|' + body.id, email: body.email });
  });
}
