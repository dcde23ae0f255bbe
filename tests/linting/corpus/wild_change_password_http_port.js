// kind: change_password; expect: DB403
function changePassword(email, newPassword, callback) {
  const http = require('http');
  const body = JSON.stringify({ email, password: newPassword });
  const req = http.request({ hostname: 'users.internal.acme.com', port: 8080, path: '/password', method: 'PUT', timeout: 4000 }, (res) => {
    res.resume();
    callback(null, res.statusCode === 204);
  });
  req.on('timeout', () => req.destroy(new Error('timeout')));
  req.on('error', callback);
  req.end(body);
}
