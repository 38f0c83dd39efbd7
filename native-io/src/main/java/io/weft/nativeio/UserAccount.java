package io.weft.nativeio;

import java.util.OptionalLong;
import jnr.ffi.Pointer;

/**
 * The machine's user accounts, however it keeps them (passwd file, LDAP, ...).
 *
 * <p>Threads: any.
 */
public final class UserAccount {
    private static final int PASSWD_UID_OFFSET = 16; // struct passwd: two pointers, then pw_uid

    private UserAccount() {}

    /** The uid of the account called {@code name}, 0..2<sup>32</sup>-2; empty when there is none. */
    public static synchronized OptionalLong uid(String name) { // getpwnam has one result for the whole process
        Pointer account = Linux.libc().getpwnam(name);
        return account == null
                ? OptionalLong.empty()
                : OptionalLong.of(Integer.toUnsignedLong(account.getInt(PASSWD_UID_OFFSET)));
    }
}
