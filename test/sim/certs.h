/* SPDX-License-Identifier: ISC */
/*
 * An authority, and a key with its certificate for each of two hosts, 10.0.0.1
 * and 10.0.0.2: for the simulator, where nothing may be left to chance.  Of
 * no use to anybody: 1024 bits, and known to everybody.
 */
#ifndef TEST_SIM_CERTS_H
#define TEST_SIM_CERTS_H

static const char certs_ca[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB+DCCAWGgAwIBAgIUQ1S702TEgu4E6lYPf77U70dtAVUwDQYJKoZIhvcNAQEL\n"
    "BQAwDTELMAkGA1UEAwwCY2EwIBcNMjYxMTI4MTkwOTU4WhgPMjEyNjExMDQxOTA5\n"
    "NThaMA0xCzAJBgNVBAMMAmNhMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDa\n"
    "z5lewlGvsjg/Gvt1crNDB1zapdCBVzKmUCq6tgeyT7H7pvM8S2oVf8icDK+NSybh\n"
    "HnvTl+gATL6vVSOriEjcZZo3eOFBx1TkHxaCPYiRDXOTqvK9ljybv6jas+IOyje6\n"
    "RK7qIxnowxm5QM4hSW3WgzIFTr8gYvShWqMm/E4iCwIDAQABo1MwUTAdBgNVHQ4E\n"
    "FgQUKozVkZgEC9bP66MikeNdP1pDLawwHwYDVR0jBBgwFoAUKozVkZgEC9bP66Mi\n"
    "keNdP1pDLawwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOBgQC4moYA\n"
    "jRs7/QmY77btteFLSCUaZRhD6PHlQ0hdSGN/l/06zBTfZu0yephfbcteRXCaY9IK\n"
    "6sXy17CNTgN907xtzgQ1DWX4MmwL6I9FNB1vMj0SSxuyAM+EMoGeyHQRTWHgg0A9\n"
    "tcQ3NmuJ80kY5FL7EfIcn3g8oV4qgpZeqNpuJQ==\n"
    "-----END CERTIFICATE-----\n";

static const char certs_a[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB5DCCAU2gAwIBAgIBCzANBgkqhkiG9w0BAQsFADANMQswCQYDVQQDDAJjYTAg\n"
    "Fw0yNjExMjgxOTA5NThaGA8yMTI2MTEwNDE5MDk1OFowDDEKMAgGA1UEAwwBYTCB\n"
    "nzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAxLJDW2c0MbniWLO6s2CUVLztj6ar\n"
    "qN90fm+y1saKqcKPvlF0h3Ru5mD+uU5SarQAWtEXZ7rpY+evjleFBE098H57LK2l\n"
    "Rgzj96trg+HPe8R427iZJZpOuVG70E4SVtcMFRftHWMrvHajCygwPAzJlMets/xp\n"
    "FtXvPL0yofBfRpcCAwEAAaNTMFEwDwYDVR0RBAgwBocECgAAATAdBgNVHQ4EFgQU\n"
    "dd0vpJrVKSBjZA+8DF07y8I19mgwHwYDVR0jBBgwFoAUKozVkZgEC9bP66MikeNd\n"
    "P1pDLawwDQYJKoZIhvcNAQELBQADgYEArY4OPKMjbtTLpcqRzR7x6FPlr2sRYEFY\n"
    "zkrkA0MtpkHeu1uXDQx3V0VwxTEo6O4ws61HsEE2fbKGdSw4PW3JKkmv8XFHMTb6\n"
    "IzdZZrMnBaNV2RJdBRr3VyQgoZGRaICO4JEFlCahAHsmoOMPUNLB4gE29Z3G0TE8\n"
    "6vkO80DVByY=\n"
    "-----END CERTIFICATE-----\n";

static const char certs_a_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAMSyQ1tnNDG54liz\n"
    "urNglFS87Y+mq6jfdH5vstbGiqnCj75RdId0buZg/rlOUmq0AFrRF2e66WPnr45X\n"
    "hQRNPfB+eyytpUYM4/era4Phz3vEeNu4mSWaTrlRu9BOElbXDBUX7R1jK7x2owso\n"
    "MDwMyZTHrbP8aRbV7zy9MqHwX0aXAgMBAAECgYADymev6EJCPxHUocoUUOUq6OUv\n"
    "IogmXgARu7dXmkXr1ZsNkOZNAfptKCtgiNjfw45KMcNgtWJwEXP5q0gd+Bsccbo+\n"
    "RwCbOkc8Dx090HGCzKXNtf2YOxvbiILBPR5vEyJYf4qd3oHP78Wtp1V0ypu6di8G\n"
    "nYFm02MjZPCOPTiOYQJBAOyu8sZ8WtyKubA/71IObs32yc76SEkOFeuHeVOm+kdr\n"
    "DIWnB16zX69eU6DR/gBG1PVGY8yenj7wIOVNXba9i/ECQQDUv9xpg62YCICYmdv5\n"
    "FomWG29lM2SStD7KEr5gcJehyT2zFireoZ8klbUYEWWPjA8XoBuU7kfIqdHYT6TA\n"
    "dqMHAkEA2c5tkAbkPsxS8UUE4Yhyo4uWT6i3WLNjrKmxFzA0ZgC3N09sUtPTHDk7\n"
    "0GUuz+ZfF5A9SxI1Ikosm5fEw+ROoQJAQVPYvp2shG637iPwpAADp5AtGIo7a8Dl\n"
    "Nu+ifcKVDRzaUU+RQmOmlnlR7l4JLZb4W2zSi1zPthJPWXi7Qk4rqQJBAMT33xcY\n"
    "Gu21PPJH9Ux+krPvc2BiZcwKOW0poVqKR9tyfqYEtkv8sK9ovNJE+gTUI6OdKLEf\n"
    "WRJOvEz3pPRNuB0=\n"
    "-----END PRIVATE KEY-----\n";

static const char certs_b[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB5DCCAU2gAwIBAgIBDDANBgkqhkiG9w0BAQsFADANMQswCQYDVQQDDAJjYTAg\n"
    "Fw0yNjExMjgxOTA5NThaGA8yMTI2MTEwNDE5MDk1OFowDDEKMAgGA1UEAwwBYjCB\n"
    "nzANBgkqhkiG9w0BAQEFAAOBjQAwgYkCgYEAp/JZFtuo4UYXVv8xgMLPCYlecg6X\n"
    "Ym5XYsaMKXm2gwOBbWCHvFmYieV9n6wRm5pKfxWMIcSyP8M4MxO3QnVe7JWRHrre\n"
    "QjYlRh/cIXUqk9epSPsD2fAfttg3DlVIoFasOBcHKZtf0hNsi7Hb5Ko7LVJGeEnr\n"
    "5UV8qt1H1Tyc8UcCAwEAAaNTMFEwDwYDVR0RBAgwBocECgAAAjAdBgNVHQ4EFgQU\n"
    "8+75Y6ZOb5mCtiVqVOJSdv7rYx8wHwYDVR0jBBgwFoAUKozVkZgEC9bP66MikeNd\n"
    "P1pDLawwDQYJKoZIhvcNAQELBQADgYEAlqNOQBHDkpqjvwRFkLaUwrtouAnP067V\n"
    "Gjhic/NwLHW9cyB6eS2pjG3dwUkyB62Z+jYPOrZySqC9Mo6R7JQv99Esd3Fzlheg\n"
    "zoxos0idcOarXRxOOnrmWSd/0a5uEtOSmfvtrsoJuXoyLnDykHlkDQ+syVtI4Y+a\n"
    "d9U/k3Lswwk=\n"
    "-----END CERTIFICATE-----\n";

static const char certs_b_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAKfyWRbbqOFGF1b/\n"
    "MYDCzwmJXnIOl2JuV2LGjCl5toMDgW1gh7xZmInlfZ+sEZuaSn8VjCHEsj/DODMT\n"
    "t0J1XuyVkR663kI2JUYf3CF1KpPXqUj7A9nwH7bYNw5VSKBWrDgXBymbX9ITbIux\n"
    "2+SqOy1SRnhJ6+VFfKrdR9U8nPFHAgMBAAECgYAAsxi96KJWdeVI/n0lTSpxnrne\n"
    "/cKRrWX9ylfxIEmrWAtk+j72gOUKxgL09FGKdWUUDHHt/hTEATsts0pTI4wGrIm0\n"
    "kMqEZRtTiQkZFDUYXpe+nzXmk9kMLt8OF589g+Kjto0Svv6a9xLIlT37V2Ep+l1D\n"
    "75lfo6qVyvchDF/dIQJBANzYibI49lbuMsLld7k4rcBbBOkcnFGfybog7m2nUPcG\n"
    "OJodVSX4HN1F3F0cnIhKAXAP15KTXazx3ik0I6JmDncCQQDCriuK6ZN98+UTOhJ5\n"
    "M+/CzZiB8NEUET7Gp4G7PrhID2Z1nKhSYS5610zYb/cmKCmDRkmibO+ldb0u/hz4\n"
    "EdexAkEAvGlg0FQYlgGR/QSYJ8VbNwhwIBDwrBKOn+UIhTSBtr3v/EuaIVKUDZNU\n"
    "dXu7b+rzXw+k8sAW4z1WNADvhdVb8QJAKuaKvd/fGsBmWKhRbdgeG8WGuAvDZzKt\n"
    "rMU493RI08hhAcX16cF0pqlPS9rQkd4D1+PjUiHDZajeeb6Rz7DO4QJBAMI+IBlc\n"
    "xGpYkDVpVH5NR4IE3tN99qQMvSBTZQAexC6vwCbGCSwHX1JeTNvDLw0sj/iluHf3\n"
    "2J40sB34WQbp9KU=\n"
    "-----END PRIVATE KEY-----\n";

/* Another authority, and the first host's key certified by one below it. */
static const char certs_root[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB2zCCAUSgAwIBAgIUT6KSM/HytP8tk0XK9mQNZFLBVNcwDQYJKoZIhvcNAQEL\n"
    "BQAwDzENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjgyMTQ3MTRaGA8yMTI2MTEwNDIx\n"
    "NDcxNFowDzENMAsGA1UEAwwEcm9vdDCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkC\n"
    "gYEA32tgW9CBb61xtz5r8Jr+FYT6P1XP2T3sN4bUFQ8qum+b9l78hAZoKhru0oMK\n"
    "6qxoJrrPClUVT/xnZ6ZnMuWRmHLcdS/Hzyr3mw8iiY6sTSfeIkgahWlIDVBq89PW\n"
    "IhU3iXOfqlqWFCvadmCcuOl6UKrlc6QMPOyL2GNprZ4MvD0CAwEAAaMyMDAwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUoGd+vGleLb3DonWmjA8fSmEVz2wwDQYJ\n"
    "KoZIhvcNAQELBQADgYEAtxw2SJu3Py1kE7V9p3ogINlPP/mA67JlHz3FIINNuzd5\n"
    "dY9B9B4zhFkzxuafg4tM1RHxC2i3h13s2RnaCRHFqKsZViVxLsK421TOycGmo31a\n"
    "3cECt6sO3PBmp1ONOYoC6megJKxVhBdjrLjKpfwv5E/3ku3CiylUJwihgFXsdg0=\n"
    "-----END CERTIFICATE-----\n";

static const char certs_a_chain[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB+jCCAWOgAwIBAgIUaTUEV8z9IaqUrC1pHqSkoptwMdUwDQYJKoZIhvcNAQEL\n"
    "BQAwEDEOMAwGA1UEAwwFYmVsb3cwIBcNMjYxMTI4MjE0NzE0WhgPMjEyNjExMDQy\n"
    "MTQ3MTRaMAwxCjAIBgNVBAMMAWEwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGB\n"
    "AMSyQ1tnNDG54lizurNglFS87Y+mq6jfdH5vstbGiqnCj75RdId0buZg/rlOUmq0\n"
    "AFrRF2e66WPnr45XhQRNPfB+eyytpUYM4/era4Phz3vEeNu4mSWaTrlRu9BOElbX\n"
    "DBUX7R1jK7x2owsoMDwMyZTHrbP8aRbV7zy9MqHwX0aXAgMBAAGjUzBRMA8GA1Ud\n"
    "EQQIMAaHBAoAAAEwHQYDVR0OBBYEFHXdL6Sa1SkgY2QPvAxdO8vCNfZoMB8GA1Ud\n"
    "IwQYMBaAFLLnV9AIL+hg2BN+nMzDp22jhb2RMA0GCSqGSIb3DQEBCwUAA4GBAFtw\n"
    "D9FpTh+iR6+DruTUDlG4EygnxQrHxyaaHJBK8l1nGwosqiI+q7Ij6r+m2ylRsYbL\n"
    "mJHa7fx9zS56nLR2IArtUTwGtSqNQRGT6X2bi5IZUkwD+bO1swl897fnKm08F9YS\n"
    "dC78HulhARdHGCEmM6Uv2/wr1xeSNWAp7Ui0+paX\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB/TCCAWagAwIBAgIUHwH9i3MPxMDOHdvhoJnCsjHyKmowDQYJKoZIhvcNAQEL\n"
    "BQAwDzENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjgyMTQ3MTRaGA8yMTI2MTEwNDIx\n"
    "NDcxNFowEDEOMAwGA1UEAwwFYmVsb3cwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJ\n"
    "AoGBAKK+5QnBo3kfD0prAsZDApJbIqVsx8juI6zIEV1lvoosJzyxC5I1O4baMwKQ\n"
    "dVtS7pPwxcRCqzG7iB+amTLvHjkJwhSOsOTBOL1xPIAFZYp/Tj2t526tdDyZ3JLk\n"
    "RCyNoOkgRRHiocdT6gF41rFJH93Sud/uNFYrPUDuLK63vLGRAgMBAAGjUzBRMA8G\n"
    "A1UdEwEB/wQFMAMBAf8wHQYDVR0OBBYEFLLnV9AIL+hg2BN+nMzDp22jhb2RMB8G\n"
    "A1UdIwQYMBaAFKBnfrxpXi29w6J1powPH0phFc9sMA0GCSqGSIb3DQEBCwUAA4GB\n"
    "AISr1pjFenAvkX0keD3Q+bwRFpLdzcGVCWe/awSID2MF0FIhgUiw/Lg/PIXm3dXv\n"
    "7TMfP3ifxGeLVF6InN0AWFZw50QYDl43RYkeuxU1AQeZasFHrDAFLXzV4Rj+Q7ga\n"
    "fioWKrzEezKM0YcBDlPJafiPp+aa8YavAYOMBJWYxdhc\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN CERTIFICATE-----\n"
    "MIIB2zCCAUSgAwIBAgIUT6KSM/HytP8tk0XK9mQNZFLBVNcwDQYJKoZIhvcNAQEL\n"
    "BQAwDzENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjgyMTQ3MTRaGA8yMTI2MTEwNDIx\n"
    "NDcxNFowDzENMAsGA1UEAwwEcm9vdDCBnzANBgkqhkiG9w0BAQEFAAOBjQAwgYkC\n"
    "gYEA32tgW9CBb61xtz5r8Jr+FYT6P1XP2T3sN4bUFQ8qum+b9l78hAZoKhru0oMK\n"
    "6qxoJrrPClUVT/xnZ6ZnMuWRmHLcdS/Hzyr3mw8iiY6sTSfeIkgahWlIDVBq89PW\n"
    "IhU3iXOfqlqWFCvadmCcuOl6UKrlc6QMPOyL2GNprZ4MvD0CAwEAAaMyMDAwDwYD\n"
    "VR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUoGd+vGleLb3DonWmjA8fSmEVz2wwDQYJ\n"
    "KoZIhvcNAQELBQADgYEAtxw2SJu3Py1kE7V9p3ogINlPP/mA67JlHz3FIINNuzd5\n"
    "dY9B9B4zhFkzxuafg4tM1RHxC2i3h13s2RnaCRHFqKsZViVxLsK421TOycGmo31a\n"
    "3cECt6sO3PBmp1ONOYoC6megJKxVhBdjrLjKpfwv5E/3ku3CiylUJwihgFXsdg0=\n"
    "-----END CERTIFICATE-----\n";

#endif
