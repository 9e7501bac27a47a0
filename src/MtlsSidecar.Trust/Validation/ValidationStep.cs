namespace MtlsSidecar.Trust.Validation;

/// <summary>The steps of judging a peer, in the order in which <see cref="PeerValidator"/> takes them.</summary>
public enum ValidationStep
{
    /// <summary>The certificate is read.</summary>
    Reading,

    /// <summary>The leaf is held to the profile.</summary>
    Profile,

    /// <summary>Who the leaf names.</summary>
    Identity,

    /// <summary>A path to an anchor of that identity's trust domain.</summary>
    Path,

    /// <summary>What the certificate validators say of the path: revocation, the certification authority.</summary>
    Validators,

    /// <summary>Whether it is the peer that was expected.</summary>
    Expectation,
}
