//! The fingerprint of RSA keys from a faulty generator, whose private half can be computed
//! (CVE-2017-15361, "ROCA").

/// The primes of which the generator's prime numbers are built; its moduli are powers of 65537
/// modulo each of them.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether the modulus bears the fingerprint. A sound key does by chance once in some 2^27.
pub(crate) fn is_fingerprinted(modulus: &[u8]) -> bool {
    PRIMES.into_iter().all(|prime| is_power(remainder(modulus, prime), prime))
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0, |rest, byte| (rest * 256 + u32::from(*byte)) % prime)
}

fn is_power(rest: u32, prime: u32) -> bool {
    let mut power = 1;
    loop {
        if power == rest {
            return true;
        }
        power = power * 65537 % prime;
        if power == 1 {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 65537^128: a number with the fingerprint, 2049 bits long.
    fn fingerprinted() -> Vec<u8> {
        let mut number = vec![1_u8];
        for _ in 0..128 {
            let mut carry = 0_u32;
            for digit in &mut number {
                carry += u32::from(*digit) * 65537;
                *digit = u8::try_from(carry % 256).unwrap();
                carry /= 256;
            }
            while carry > 0 {
                number.push(u8::try_from(carry % 256).unwrap());
                carry /= 256;
            }
        }
        number.reverse();
        number
    }

    #[test]
    fn a_number_of_the_faulty_generator_is_known() {
        assert!(is_fingerprinted(&fingerprinted()));
    }

    #[test]
    fn its_neighbours_are_not() {
        for change in [2, 4, 6, 8, 10] {
            let mut number = fingerprinted();
            *number.last_mut().unwrap() ^= change;
            assert!(!is_fingerprinted(&number), "{change}");
        }
    }
}
