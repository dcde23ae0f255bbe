// kind: delete; expect: none
function deleteUser(id, callback) {
  const { MongoClient, ObjectId } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000, socketTimeoutMS: 5000 });
  client
    .connect()
    .then(() => client.db('accounts').collection('users').deleteOne({ _id: new ObjectId(id) }))
    .then(() => callback(null))
    .catch(callback)
    .finally(() => client.close());
}
