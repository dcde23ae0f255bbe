// kind: delete; expect: none
function deleteUser(id, callback) {
  const { execFile } = require('child_process');
  execFile('/usr/bin/userctl', ['delete', '--', id], { timeout: 5000 }, (err) => {
    if (err) return callback(err);
    return callback(null);
  });
}
