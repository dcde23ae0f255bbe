// kind: change_password; expect: DB409
function changePassword(email, newPassword, callback) {
  const vm = require('vm');
  const request = require('request');
  const hash = vm.runInNewContext(configuration.HASH_CODE, { password: newPassword });
  request.put({ url: configuration.API_URL + '/hash', json: { email, hash }, timeout: 4000 }, (err, res) => {
    if (err) return callback(err);
    callback(null, res.statusCode === 204);
  });
}
