// kind: get_user; expect: DB603; migration: trickle; import_mode: false
function getUser(email, callback) {
  const request = require('request');
  request({ url: configuration.API_URL + '/users', qs: { email }, json: true, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode !== 200) return callback(null);
    callback(null, { user_id: 'svc|' + body.id, email: body.email });
  });
}
