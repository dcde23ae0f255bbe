// kind: change_password; expect: none
function changePassword(email, newPassword, callback) {
  const { Client } = require('pg');
  const bcrypt = require('bcrypt');
  bcrypt
    .hash(newPassword, 12)
    .then(async (hash) => {
      const client = new Client({ connectionString: configuration.PG_URL, connectionTimeoutMillis: 5000, query_timeout: 5000 });
      await client.connect();
      try {
        const { rowCount } = await client.query('UPDATE users SET hash = $1 WHERE email = $2', [hash, email]);
        return rowCount > 0;
      } finally {
        await client.end();
      }
    })
    .then((changed) => callback(null, changed))
    .catch((err) => callback(err));
}
