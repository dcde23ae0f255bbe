// kind: change_password; expect: none
function changePassword(email, newPassword, callback) {
  const crypto = require('crypto');
  const request = require('request');
  const salt = crypto.randomBytes(16);
  crypto.scrypt(newPassword, salt, 64, (err, key) => {
    if (err) return callback(err);
    const encoded = salt.toString('base64') + '$' + key.toString('base64');
    request.put(
      { url: configuration.API_URL + '/hash', json: { email, hash: encoded }, timeout: 5000 },
      (err, res) => {
        if (err) return callback(err);
        callback(null, res.statusCode === 204);
      }
    );
  });
}
