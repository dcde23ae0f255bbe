// kind: change_email; expect: none
function changeEmail(email, newEmail, verified, callback) {
  const https = require('https');
  const body = JSON.stringify({ email, newEmail, verified });
  const req = https.request(
    configuration.API_URL + '/email',
    { method: 'PUT', timeout: 5000, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } },
    (res) => {
      res.resume();
      res.on('end', () => {
        if (res.statusCode === 204) return callback(null, true);
        callback(new Error('Unexpected status ' + res.statusCode));
      });
    }
  );
  req.on('timeout', () => req.destroy(new Error('The user service did not answer in time')));
  req.on('error', (err) => callback(err));
  req.end(body);
}
