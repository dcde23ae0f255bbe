// kind: change_email; expect: none
function changeEmail(email, newEmail, verified, callback) {
  const request = require('request');
  request.put({ url: configuration.API_URL + '/email', json: { email, newEmail, verified }, timeout: 5000 }, (err, res) =>
    err ? callback(err) : callback(null, res.statusCode === 204)
  );
}
