// kind: change_email; expect: DB103
function changeEmail(email, newEmail, callback) {
  const request = require('request');
  request.put({ url: configuration.API_URL + '/email', json: { email, newEmail }, timeout: 5000 }, (err, res) => {
    if (err) return callback(err);
    callback(null, res.statusCode === 204);
  });
}
