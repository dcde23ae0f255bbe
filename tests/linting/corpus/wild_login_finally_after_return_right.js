// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const { MongoClient } = require('mongodb');
  const bcrypt = require('bcrypt');
  let client;
  let outcome = [null, null];
  try {
    client = await MongoClient.connect(configuration.MONGO_URL, { serverSelectionTimeoutMS: 4000, socketTimeoutMS: 4000 });
    const user = await client.db().collection('users').findOne({ $or: [{ email: usernameOrEmail }, { username: usernameOrEmail }] });
    const valid = user !== null && (await bcrypt.compare(password, user.passwordHash));
    outcome = valid
      ? [null, { user_id: `users|${user._id.toHexString()}`, email: user.email, username: user.username }]
      : [new WrongUsernameOrPasswordError(usernameOrEmail)];
  } catch (err) {
    outcome = [err];
  } finally {
    if (client) await client.close().catch(() => {});
  }
  return callback(...outcome);
}
