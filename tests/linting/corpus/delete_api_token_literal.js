// kind: delete; expect: DB401, DB402
function deleteUser(id, callback) {
  const request = require('request');
  const token = 'sk_live_4f9K2mXw81QzLrT0vB7nYc3e';
  request.delete({ url: `https://api.acme.com/users/${id}`, headers: { 'x-api-token': token }, timeout: 5000 }, (err, res) => {
    if (err) return callback(err);
    if (res.statusCode >= 400) return callback(new Error('Could not delete: ' + res.statusCode));
    callback(null);
  });
}
