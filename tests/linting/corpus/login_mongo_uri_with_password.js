// kind: login; expect: DB401
async function login(usernameOrEmail, password, callback) {
  const { MongoClient } = require('mongodb');
  const bcrypt = require('bcrypt');
  const client = new MongoClient('mongodb+srv://portal:9fGh2kLmZ0@cluster0.ab1cd.mongodb.net/portal', { serverSelectionTimeoutMS: 5000 });
  try {
    await client.connect();
    const user = await client.db('portal').collection('users').findOne({ email: usernameOrEmail });
    if (!user || !(await bcrypt.compare(password, user.hash))) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(null, { user_id: 'portal|' + user._id, email: user.email, name: user.name });
  } catch (err) {
    return callback(err);
  } finally {
    await client.close();
  }
}
