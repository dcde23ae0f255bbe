// kind: delete; expect: DB402
function deleteUser(id, callback) {
  const cp = require('child_process');
  const command = `/opt/legacy/userdel.sh ${id}`;
  cp.exec(command, { timeout: 5000 }, (err) => {
    if (err) return callback(err);
    callback(null);
  });
}
