// kind: get_user; expect: DB302
function getUser(email, callback) {
  const request = require('request');
  const uuid = require('uuid');
  request({ url: configuration.API_URL + '/users', qs: { email }, json: true, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode === 404) return callback(null);
    const profile = Object.assign({}, { email: body.email, name: body.name }, { user_id: 'svc|' + uuid.v4() });
    callback(null, profile);
  });
}
