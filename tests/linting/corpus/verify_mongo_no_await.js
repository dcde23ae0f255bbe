// kind: verify; expect: DB203
async function verify(email, callback) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000 });
  await client.connect();
  const users = client.db('accounts').collection('users');
  const result = await users.updateOne({ email }, { $set: { email_verified: true } });
  await client.close();
  callback(null, result.modifiedCount > 0);
}
