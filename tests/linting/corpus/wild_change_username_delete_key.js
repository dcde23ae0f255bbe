// kind: change_username; expect: DB507
function changeUsername(username, newUsername, callback) {
  const request = require('request');
  configuration['CALLS'] = (configuration['CALLS'] || 0) + 1;
  request.put({ url: configuration.API_URL + '/username', json: { username, newUsername }, timeout: 4000 }, (err, res) => {
    if (err) return callback(err);
    callback(null, res.statusCode === 204);
  });
}
