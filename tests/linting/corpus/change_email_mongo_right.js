// kind: change_email; expect: none
async function changeEmail(email, newEmail, verified, callback) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000, socketTimeoutMS: 5000 });
  try {
    await client.connect();
    const outcome = await client
      .db('accounts')
      .collection('users')
      .updateOne({ email: String(email) }, { $set: { email: String(newEmail), email_verified: Boolean(verified) } });
    return callback(null, outcome.modifiedCount > 0);
  } catch (err) {
    return callback(err);
  } finally {
    await client.close();
  }
}
