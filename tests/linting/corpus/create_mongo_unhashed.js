// kind: create; expect: DB410
async function create(user, callback) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000 });
  try {
    await client.connect();
    const users = client.db('accounts').collection('users');
    await users.insertOne({ email: user.email, password: user.password });
    callback(null);
  } catch (err) {
    callback(err);
  } finally {
    await client.close();
  }
}
