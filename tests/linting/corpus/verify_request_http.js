// kind: verify; expect: DB403, DB402
function verify(email, callback) {
  const request = require('request');
  request.put('http://legacy.acme.com/users/' + email + '/verified', { timeout: 5000 }, function (err, res) {
    if (err) return callback(err);
    callback(null, res.statusCode === 204);
  });
}
