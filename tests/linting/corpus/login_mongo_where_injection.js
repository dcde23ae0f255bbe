// kind: login; expect: DB402
async function login(usernameOrEmail, password, callback) {
  const { MongoClient } = require('mongodb');
  const bcrypt = require('bcrypt');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000 });
  try {
    await client.connect();
    const user = await client
      .db('portal')
      .collection('users')
      .findOne({ $where: "this.email == '" + usernameOrEmail + "' || this.username == '" + usernameOrEmail + "'" });
    if (!user || !(await bcrypt.compare(password, user.hash))) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(null, { user_id: 'portal|' + user._id, email: user.email });
  } catch (err) {
    return callback(err);
  } finally {
    await client.close();
  }
}
