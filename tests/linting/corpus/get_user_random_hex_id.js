// kind: get_user; expect: DB302
function getUser(email, callback) {
  const crypto = require('crypto');
  const request = require('request');
  request({ url: configuration.API_URL + '/users', qs: { email }, json: true, timeout: 5000 }, (err, res, body) => {
    if (err) return callback(err);
    if (res.statusCode !== 200) return callback(null);
    const id = crypto.randomBytes(12).toString('hex');
    callback(null, { user_id: id, email: body.email });
  });
}
