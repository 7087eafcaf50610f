//! Keys of both sides: how they are read and put in their places, what they sign and encrypt, and how they change.

mod brand;
mod documented;
mod p12;
mod payment;
mod placement;
mod rotation;
mod rsa;
mod scheme;
mod sensitive;
mod sensitive_auto;
