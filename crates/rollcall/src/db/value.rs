//! Arguments of statements: the few kinds of values that both engines keep alike.

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::id::Id;

/// A value on its way into a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A UUID.
    Uuid(Uuid),
    /// A point in time, kept as whole microseconds.
    Time(Timestamp),
}

/// What can be an argument.
pub trait ToValue {
    /// As a value.
    fn to_value(&self) -> Value;
}

macro_rules! to_value {
    ($($type:ty => |$this:ident| $value:expr;)+) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value {
                let $this = self;
                $value
            }
        }
    )+};
}

to_value! {
    str => |this| Value::Text(this.to_owned());
    String => |this| Value::Text(this.clone());
    bool => |this| Value::Bool(*this);
    i64 => |this| Value::Int(*this);
    u32 => |this| Value::Int(i64::from(*this));
    u16 => |this| Value::Int(i64::from(*this));
    [u8] => |this| Value::Bytes(this.to_vec());
    [u8; 32] => |this| Value::Bytes(this.to_vec());
    Vec<u8> => |this| Value::Bytes(this.clone());
    Uuid => |this| Value::Uuid(*this);
    Timestamp => |this| Value::Time(*this);
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

/// Ids are kept as UUIDs.
macro_rules! ids {
    ($($id:ident)+) => {$(
        impl ToValue for crate::domain::id::$id {
            fn to_value(&self) -> Value {
                Value::Uuid(self.uuid())
            }
        }
    )+};
}

ids! { CustomerId OrganizationId TeamId ServiceId InvitationId ChannelId DeliveryId SessionId EventId FeedbackId }

/// The arguments of a statement, `$1` first.
pub trait Args {
    /// As values.
    fn values(&self) -> Vec<Value>;
}

impl Args for () {
    fn values(&self) -> Vec<Value> {
        Vec::new()
    }
}

macro_rules! args {
    ($($name:ident)+) => {
        impl<$($name: ToValue),+> Args for ($($name,)+) {
            #[expect(non_snake_case, reason = "each value is called like its type")]
            fn values(&self) -> Vec<Value> {
                let ($($name,)+) = self;
                vec![$($name.to_value()),+]
            }
        }
    };
}

args! { A }
args! { A B }
args! { A B C }
args! { A B C D }
args! { A B C D E }
args! { A B C D E F }
args! { A B C D E F G }
args! { A B C D E F G H }
args! { A B C D E F G H I }
args! { A B C D E F G H I J }
args! { A B C D E F G H I J K }
args! { A B C D E F G H I J K L }
args! { A B C D E F G H I J K L M }
args! { A B C D E F G H I J K L M N }
args! { A B C D E F G H I J K L M N O }
args! { A B C D E F G H I J K L M N O P }
