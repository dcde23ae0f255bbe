// kind: delete; expect: none
function deleteUser(id, callback) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
  const numeric = parseInt(id.replace(/^app\|/, ''), 10);
  if (Number.isNaN(numeric)) {
    callback(new Error('Not one of our ids'));
    return;
  }
  client.connect((err) => {
    if (err) return callback(err);
    client.query(`DELETE FROM users WHERE id = ${numeric}`, (err) => {
      client.end();
      callback(err || null);
    });
  });
}
